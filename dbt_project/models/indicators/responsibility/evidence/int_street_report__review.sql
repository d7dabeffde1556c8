{{ config(materialized='view') }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'district'
),

tree as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting' and depth > 0
),

submissions as (
    select * from {{ ref('fct_submission') }}
    where form = 'street' and is_standing
),

-- Until reviews are recorded, the decision on the file stands for the review by the district.
final as (
    select
        submissions.submission_id,
        roster.unit_code,
        roster.period,
        -- The receipt is the evidence and no cell; readers of evidence want the columns all the same.
        cast(null as string) as sheet,
        cast(null as integer) as row,
        roster.unit_code as subject_key,
        submissions.unit_code as street_code,
        submissions.submitted_at,
        submissions.decided_at,
        {{ days_between(utc_to_local_date('submissions.submitted_at'), utc_to_local_date('submissions.decided_at')) }}
            as lag_day_count,
        true as is_reviewed
    from roster
    inner join tree on roster.unit_code = tree.ancestor_code
    inner join submissions
        on
            tree.unit_code = submissions.unit_code
            and roster.period = submissions.period
)

select * from final
