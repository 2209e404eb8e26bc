"""What the client does to every exchange: where it may be sent on to, how it is unpacked, and whose secrets are taken out."""
