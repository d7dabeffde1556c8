-- What became of the unit's own report of each period. Instants are UTC.
select
    status.unit_code, status.period, state, state_zh, message_zh, deadline_at, submitted_at, submission_id, review_kind,
    review_reason, error_count, open_query_count as query_count, explained_count, waived_count, submission_count,
    asked_count, prefilled_count, prefilled_pct
from marts.mart_submission_status as status
left join marts.mart_burden as burden on status.unit_code = burden.unit_code and status.period = burden.period
order by status.unit_code, status.period
