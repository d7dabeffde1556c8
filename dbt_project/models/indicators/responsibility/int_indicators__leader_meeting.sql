{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level = 'district'
        and is_reported
        and {{ changed_periods_filter('period') }}
),

leaders as (
    select
        unit_code,
        period,
        person_key,
        concat(unit_code, '/', person_key) as subject_key,
        max(post) as post
    from {{ ref('fct_leader') }}
    where is_in_post and {{ changed_periods_filter('period') }}
    group by unit_code, period, person_key
),

linked_streets as (
    select * from {{ ref('int_leader__linked_streets') }}
    where {{ changed_periods_filter('period') }}
),

meetings as (
    select
        unit_code,
        period,
        count(*) as meeting_count
    from {{ ref('int_street__platforms') }}
    where
        platform = 'joint_meeting'
        and is_of_period
        and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

visits as (
    select
        subject_key,
        period,
        street_code,
        count(distinct held_on) as visit_count
    from {{ ref('int_leader__visits') }}
    where is_meeting_attended and {{ changed_periods_filter('period') }}
    group by subject_key, period, street_code
),

-- No more meetings of a street can have been attended than it held.
by_street as (
    select
        linked_streets.leader_key,
        linked_streets.period,
        linked_streets.has_street_reported,
        coalesce(meetings.meeting_count, 0) as meeting_count,
        case
            when visits.visit_count < meetings.meeting_count then visits.visit_count
            when visits.visit_count is null then 0
            else coalesce(meetings.meeting_count, 0)
        end as attended_count
    from linked_streets
    left join meetings
        on linked_streets.street_code = meetings.unit_code and linked_streets.period = meetings.period
    left join visits
        on
            linked_streets.leader_key = visits.subject_key
            and linked_streets.period = visits.period
            and linked_streets.street_code = visits.street_code
),

by_leader as (
    select
        leader_key,
        period,
        sum(meeting_count) as meeting_count,
        sum(attended_count) as attended_count,
        sum(case when has_street_reported then 0 else 1 end) as silent_street_count
    from by_street
    group by leader_key, period
),

final as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        leaders.subject_key,
        leaders.post as subject_name,
        {{ percentage('by_leader.attended_count', 'by_leader.meeting_count') }} as attended_meeting_pct,
        case
            -- No street is linked, or the linked streets held no meeting: nothing to attend.
            when by_leader.leader_key is null then 'not_applicable'
            when by_leader.meeting_count = 0 and by_leader.silent_street_count = 0 then 'not_applicable'
            when by_leader.meeting_count = 0 then 'not_evaluated'
            when by_leader.silent_street_count > 0 then 'incomplete'
            else 'measured'
        end as status
    from roster
    inner join leaders
        on roster.unit_code = leaders.unit_code and roster.period = leaders.period
    left join by_leader
        on leaders.subject_key = by_leader.leader_key and leaders.period = by_leader.period
)

select * from final
