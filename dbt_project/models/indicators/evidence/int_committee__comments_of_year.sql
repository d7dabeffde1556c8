{{ config(materialized='view') }}

with

committees as (
    select * from {{ ref('fct_committee') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

-- What a report says counts in its own period and in the later ones of the year.
final as (
    select
        committees.submission_id,
        committees.unit_code,
        periods.period,
        committees.sheet,
        committees.row,
        committees.period as report_period,
        committees.comment_received_count,
        committees.comment_answered_count,
        concat(committees.unit_code, '/', cast(periods.year as string)) as subject_key,
        committees.comment_received_count is not null as is_open_to_comments
    from committees
    inner join periods as reported_in on committees.period = reported_in.period
    inner join periods
        on
            reported_in.year = periods.year
            and reported_in.quarter <= periods.quarter
    inner join classes
        on
            periods.rulebook_version = classes.rulebook_version
            and classes.class_code = 'committee_active'
            and committees.committee_status = classes.value_zh
)

select * from final
