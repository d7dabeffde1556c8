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

committees_of_units as (
    {{ with_carried_reports('committees', [
        'submission_id', 'sheet', 'row', 'committee_status', 'comment_received_count', 'comment_answered_count'
    ]) }}
),

-- What a report says counts in its own period and in the later ones of the year.
final as (
    select
        committees_of_units.submission_id,
        committees_of_units.unit_code,
        periods.period,
        committees_of_units.sheet,
        committees_of_units.row,
        committees_of_units.period as report_period,
        committees_of_units.comment_received_count,
        committees_of_units.comment_answered_count,
        concat(committees_of_units.unit_code, '/', cast(periods.year as string)) as subject_key,
        committees_of_units.comment_received_count is not null as is_open_to_comments
    from committees_of_units
    inner join periods as reported_in on committees_of_units.period = reported_in.period
    inner join periods
        on
            reported_in.year = periods.year
            and reported_in.quarter <= periods.quarter
    inner join classes
        on
            periods.rulebook_version = classes.rulebook_version
            and classes.class_code = 'committee_active'
            and committees_of_units.committee_status = classes.value_zh
)

select * from final
