"""Running a compiled model: data, training, inference, evaluation."""
