"""Start-up checks, watchdog, tick source and adjustments of Faust."""
