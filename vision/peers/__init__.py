"""Other people's pipelines on the same frames, in an environment of their own."""
