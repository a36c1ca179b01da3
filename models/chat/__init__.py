"""Multimodal language models: the protocol, the LangChain adapter, how answers are read."""
