"""Publishing: releases to a folder, an S3 bucket, the Hugging Face Hub or Zenodo, whole or not at all."""
