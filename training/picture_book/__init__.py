"""The coming world of the embedded models, in training: things that people recognise, and words."""
