{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

-- Which quarters of the year up to the period were expected of the street, and which it reported.
reports as (
    select
        unit_code,
        unit_level,
        period,
        year,
        case
            when reported_count = 0 and is_before_deadline then 'not_due'
            when reported_count = 0 then 'not_evaluated'
            when quarter < 4 then 'provisional'
            when not is_reported and is_before_deadline then 'provisional'
            when reported_count < expected_count then 'incomplete'
            else 'measured'
        end as status
    from {{ ref('int_street__quarters_of_year') }}
    where {{ changed_periods_filter('period') }}
),

plans as (
    select
        unit_code,
        period,
        count(distinct plan_key) as plan_count,
        min(issue_day) as issue_day,
        count(distinct case when is_published then plan_key end) as published_count,
        max(published_day_count) as published_day_count,
        count(distinct case when is_published_widely then plan_key end) as widely_published_count
    from {{ ref('int_document__work_plan') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

comments as (
    select
        unit_code,
        period,
        count(distinct case when is_open_to_comments then report_period end) as open_count,
        sum(coalesce(comment_received_count, 0)) as received_count,
        sum(coalesce(comment_answered_count, 0)) as answered_count
    from {{ ref('int_committee__comments_of_year') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

counted as (
    select
        reports.unit_code,
        reports.unit_level,
        reports.period,
        reports.year,
        reports.status,
        plans.issue_day,
        reports.status not in ('not_due', 'not_evaluated') as is_known,
        coalesce(plans.plan_count, 0) as plan_count,
        coalesce(plans.published_count, 0) as published_count,
        coalesce(plans.published_day_count, 0) as published_day_count,
        coalesce(plans.widely_published_count, 0) as widely_published_count,
        coalesce(comments.open_count, 0) as open_count,
        coalesce(comments.received_count, 0) as received_count,
        least(coalesce(comments.answered_count, 0), coalesce(comments.received_count, 0)) as answered_count,
        -- What nothing can be said of yet may still come, or stand in a report that is missing.
        case reports.status
            when 'provisional' then 'not_due'
            when 'incomplete' then 'not_evaluated'
            when 'measured' then 'not_applicable'
            else reports.status
        end as status_without_subject
    from reports
    left join plans
        on reports.unit_code = plans.unit_code and reports.period = plans.period
    left join comments
        on reports.unit_code = comments.unit_code and reports.period = comments.period
),

final as (
    select
        unit_code,
        unit_level,
        period,
        status,
        concat(unit_code, '/', cast(year as string)) as subject_key,
        concat(cast(year as string), '年') as subject_name,
        case when is_known then cast(plan_count as decimal(18, 4)) end as work_plan_count,
        case when is_known and plan_count > 0 then cast(issue_day as decimal(18, 4)) end as work_plan_issue_day,
        case when plan_count > 0 then status else status_without_subject end as work_plan_issue_day__status,
        case when is_known and plan_count > 0 then cast(published_count as decimal(18, 4)) end as published_plan_count,
        case when plan_count > 0 then status else status_without_subject end as published_plan_count__status,
        case when is_known and plan_count > 0 then cast(published_day_count as decimal(18, 4)) end
            as plan_published_day_count,
        case when plan_count > 0 then status else status_without_subject end as plan_published_day_count__status,
        case when is_known and plan_count > 0 then cast(widely_published_count as decimal(18, 4)) end
            as widely_published_plan_count,
        case when plan_count > 0 then status else status_without_subject end as widely_published_plan_count__status,
        case when is_known then cast(open_count as decimal(18, 4)) end as commented_report_count,
        case when is_known then {{ percentage('answered_count', 'received_count') }} end as answered_comment_pct,
        case when received_count > 0 then status else status_without_subject end as answered_comment_pct__status
    from counted
)

select * from final
