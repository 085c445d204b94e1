"""Decision: whether the cardholder could have been where the card was used."""
