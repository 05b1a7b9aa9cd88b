"""Data sets, fitting, calibration and evaluation. TensorFlow is imported only where it runs."""
