"""Faust made fast and safe: the records fetched together from one partition are one unit of work.

What a batch changed goes into the changelog as one Kafka record batch, which is all there or not at all, together
with a mark: how far the source has been read, and what is now to be sent. The outputs follow, and only then does the
commit position move. After a crash the last mark's outputs are sent once more, unchanged, and the records it covers
are passed over. DECISIONS 3 to 6 tell why Faust's own way loses records, and what each override mends.
"""
