"""The four ways in which a network maps inputs to outputs.

sequence_to_sequence   an output at each step
sequence_to_vector     one output, after the last valid step
vector_to_sequence     a vector sets the initial state through a learned map; the network then writes, reading its own last output
encoder_decoder        an encoder reads a sequence; a decoder starts from the encoder's final states and writes another one
                       (Sutskever, Vinyals & Le 2014; no attention)

A network that writes is a decoder: at each step it reads the previous output (zeros at the first), in training the right one
(teacher forcing, Williams & Zipser 1989), in use its own.
"""

from typing import Literal

Topology = Literal["sequence_to_sequence", "sequence_to_vector", "vector_to_sequence", "encoder_decoder"]

SEQUENCE_TO_SEQUENCE: Topology = "sequence_to_sequence"
SEQUENCE_TO_VECTOR: Topology = "sequence_to_vector"
VECTOR_TO_SEQUENCE: Topology = "vector_to_sequence"
ENCODER_DECODER: Topology = "encoder_decoder"
TOPOLOGIES = (SEQUENCE_TO_SEQUENCE, SEQUENCE_TO_VECTOR, VECTOR_TO_SEQUENCE, ENCODER_DECODER)
HAS_DECODER = (VECTOR_TO_SEQUENCE, ENCODER_DECODER)
