"""The ways a message leaves the house: mail by SMTP, everything else through Apprise."""
