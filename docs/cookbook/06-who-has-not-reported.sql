-- 四季度还有谁没有有效报表？为什么？
-- Who has no accepted report for 2025-Q4, and why?
select
    unit_name,
    state_zh,
    submission_count as files,
    error_count as errors,
    message_zh
from marts.mart_submission_status
where period = '2025-Q4' and not is_reported
order by unit_code
