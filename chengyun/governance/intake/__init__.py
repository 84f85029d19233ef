"""Intake of files: other people's lists of requests become reports and cases.

``mapping`` says how a file is to be understood, the readers (``csv_rows``, ``workbook``,
``json_rows``) stream its rows, ``normalise`` decides each row without touching the database,
``store`` puts batches in by COPY, and ``run`` keeps count so that a kill costs one batch at most.
"""
