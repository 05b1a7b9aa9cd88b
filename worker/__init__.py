"""The queue at work: intake, the Celery main with its Ringer, page children, supervisor."""
