"""The codec server: lets the Temporal UI and CLI of signed-in people read what is encrypted."""
