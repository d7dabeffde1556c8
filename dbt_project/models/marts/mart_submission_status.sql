{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where {{ changed_periods_filter('period') }}
),

submissions as (
    select * from {{ ref('fct_submission') }}
    where {{ changed_periods_filter('period') }}
),

states as (
    select * from {{ ref('submission_states') }}
),

issues as (
    select
        submission_id,
        cast(sum(case when finding_state = 'open' and severity = 'query' then 1 else 0 end) as integer) as open_count,
        cast(sum(case when finding_state = 'explained' then 1 else 0 end) as integer) as explained_count,
        cast(sum(case when finding_state = 'waived' then 1 else 0 end) as integer) as waived_count
    from {{ ref('mart_issue') }}
    where {{ changed_periods_filter('period') }}
    group by submission_id
),

counted as (
    select
        unit_code,
        period,
        count(*) as submission_count
    from submissions
    group by unit_code, period
),

final as (
    select
        roster.unit_code,
        roster.unit_name,
        roster.unit_level,
        roster.district_code,
        roster.district_name,
        roster.city_code,
        roster.city_name,
        roster.province_code,
        roster.province_name,
        roster.period,
        roster.batch_code,
        roster.state,
        states.name_zh as state_zh,
        states.message_zh,
        roster.is_reported,
        roster.deadline_at,
        roster.submission_id,
        submissions.submitted_at,
        submissions.received_at,
        submissions.decided_at,
        submissions.reason,
        submissions.review_kind,
        submissions.reviewed_at,
        submissions.reviewed_by,
        submissions.review_reason,
        submissions.file_sha256,
        cast(
            coalesce(submissions.error_count, 0)
            + coalesce(submissions.query_count, 0)
            + coalesce(submissions.note_count, 0) as integer
        ) as issue_count,
        cast(coalesce(submissions.error_count, 0) as integer) as error_count,
        cast(coalesce(submissions.query_count, 0) as integer) as query_count,
        cast(coalesce(submissions.note_count, 0) as integer) as note_count,
        cast(coalesce(issues.open_count, 0) as integer) as open_query_count,
        cast(coalesce(issues.explained_count, 0) as integer) as explained_count,
        cast(coalesce(issues.waived_count, 0) as integer) as waived_count,
        cast(coalesce(counted.submission_count, 0) as integer) as submission_count,
        case when submissions.state = 'accepted' then submissions.decided_at end as accepted_at
    from roster
    inner join states on roster.state = states.state
    left join submissions on roster.submission_id = submissions.submission_id
    left join issues on roster.submission_id = issues.submission_id
    left join counted
        on roster.unit_code = counted.unit_code and roster.period = counted.period
)

select * from final
order by period, unit_code
