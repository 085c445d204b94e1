"""The whole service as processes of this machine, for `up`, `demo` and the tests. It may import `deploy`."""
