"""From many captures to tables: records, exchanges and rejects, with nothing lost on the way."""
