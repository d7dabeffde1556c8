{{ config(materialized='view') }}

with

committees as (
    select * from {{ ref('int_committee__classified') }}
    where is_active
),

youth_orgs as (
    select * from {{ ref('fct_youth_org') }}
    where in_federation
),

meetings as (
    select * from {{ ref('fct_meeting') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
    where class_code = 'joint_meeting'
),

meetings_of_units as (
    {{ with_carried_reports('meetings', ['submission_id', 'sheet', 'row', 'meeting_kind']) }}
),

-- A meeting counts in the period of its report and in the later ones of the same year.
joint_meetings as (
    select
        meetings_of_units.submission_id,
        meetings_of_units.unit_code,
        periods.period,
        meetings_of_units.sheet,
        meetings_of_units.row,
        meetings_of_units.period = periods.period as is_of_period
    from meetings_of_units
    inner join periods as reported_in on meetings_of_units.period = reported_in.period
    inner join periods
        on
            reported_in.year = periods.year
            and reported_in.quarter <= periods.quarter
    inner join classes
        on
            periods.rulebook_version = classes.rulebook_version
            and meetings_of_units.meeting_kind = classes.value_zh
),

platforms as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        true as is_of_period,
        'committee' as platform
    from committees
    union all
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        true as is_of_period,
        'federation' as platform
    from youth_orgs
    union all
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        is_of_period,
        'joint_meeting' as platform
    from joint_meetings
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        unit_code as subject_key,
        platform,
        is_of_period,
        true as is_platform
    from platforms
)

select * from final
