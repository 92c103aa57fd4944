"""What kernels are made of, from vectors up to the training loop; those of a cell stand beside it in core/cells/."""
