"""The console and the pairing page in a real browser, with the whole service behind them."""
