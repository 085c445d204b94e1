"""Decision: whether the phone could have been where the card was used."""
