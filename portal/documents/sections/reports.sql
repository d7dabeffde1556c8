-- What became of the unit's own report of each period. Instants are UTC.
select
    unit_code, period, state, state_zh, message_zh, deadline_at, submitted_at, submission_id, review_kind,
    review_reason, error_count, open_query_count as query_count, explained_count, waived_count, submission_count
from marts.mart_submission_status
order by unit_code, period
