-- Submissions of the frozen ledger that the fact lacks, or that it has and the ledger no longer knows
select coalesce(frozen.submission_id, built.submission_id) as submission_id
from {{ ref('stg_ledger__submission') }} as frozen
full outer join {{ ref('fct_submission') }} as built on frozen.submission_id = built.submission_id
where
    frozen.submission_id is null
    or built.submission_id is null
