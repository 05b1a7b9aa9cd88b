"""Running trained networks: LiteRT on CPUs, TensorFlow on GPUs, behind one protocol."""
