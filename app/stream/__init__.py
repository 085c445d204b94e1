"""Stream processing on Faust, with batches that are fast and lose nothing.

The unit of work is a batch: the records of one partition that were fetched together. The changes of a batch go to the
changelog as one Kafka record batch, which becomes readable as a whole or not at all. It contains a checkpoint: the next
source offset and the outputs to send. The outputs follow, and only then does the processed offset advance. After a
crash the worker sends the outputs of the last checkpoint again, unchanged, and skips the records that it covers. ADR 3
to ADR 6 explain how plain Faust loses records and which problem each override solves.
"""
