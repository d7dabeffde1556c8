with

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'district'
),

tree as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting' and depth > 0
),

builds as (
    select * from {{ ref('stg_ledger__build') }}
),

-- What has not been reviewed waits until now, at most until the reports of the next quarter are due.
waits as (
    select
        dim_period.previous_period as period,
        least(dim_period.deadline_at, builds.known_at) as waited_until
    from {{ ref('dim_period') }} as dim_period
    cross join builds
    where dim_period.previous_period is not null
),

submissions as (
    select * from {{ ref('fct_submission') }}
    where form = 'street' and (is_standing or submission_state = 'returned')
),

reports as (
    select
        submissions.submission_id,
        roster.unit_code,
        roster.period,
        submissions.unit_code as street_code,
        submissions.submitted_at,
        submissions.decided_at,
        submissions.reviewed_at,
        count(submissions.reviewed_at) over (partition by roster.unit_code, roster.period) > 0 as is_reviewing
    from roster
    inner join tree on roster.unit_code = tree.ancestor_code
    inner join submissions
        on
            tree.unit_code = submissions.unit_code
            and roster.period = submissions.period
),

-- Where a district has recorded no review in a quarter, the decision on the file stands for it.
ended as (
    select
        reports.*,
        coalesce(
            reports.reviewed_at,
            case when reports.is_reviewing then waits.waited_until end,
            reports.decided_at
        ) as ended_at
    from reports
    left join waits on reports.period = waits.period
),

final as (
    select
        submission_id,
        unit_code,
        period,
        -- The receipt is the evidence and no cell; readers of evidence want the columns all the same.
        cast(null as string) as sheet,
        cast(null as integer) as row,
        unit_code as subject_key,
        street_code,
        submitted_at,
        decided_at,
        reviewed_at,
        greatest(
            {{ days_between(utc_to_local_date('submitted_at'), utc_to_local_date('ended_at')) }}, 0
        ) as lag_day_count,
        reviewed_at is not null or not is_reviewing as is_reviewed,
        true as is_counted
    from ended
)

select * from final
