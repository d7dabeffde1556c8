{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level = 'street'
        and is_reported
        and {{ changed_periods_filter('period') }}
),

meetings as (
    select
        unit_code,
        period,
        count(*) as meeting_count,
        sum(case when is_of_both_kinds then 1 else 0 end) as both_kinds_count,
        sum(unit_due_count) as unit_due_count,
        sum(unit_attended_count) as unit_attended_count,
        sum(leader_due_count) as leader_due_count,
        sum(leader_attended_count) as leader_attended_count,
        sum(case when is_with_party_leader then 1 else 0 end) as party_leader_count
    from {{ ref('int_meeting__classified') }}
    where is_joint and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

gaps as (
    select
        unit_code,
        period,
        max(gap_day_count) as gap_day_count
    from {{ ref('int_meeting__gaps') }}
    where is_in_period and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

final as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_code as subject_key,
        roster.unit_name as subject_name,
        'measured' as status,
        cast(coalesce(meetings.meeting_count, 0) as decimal(18, 4)) as joint_meeting_count,
        cast(gaps.gap_day_count as decimal(18, 4)) as joint_meeting_gap_day_count,
        case when meetings.meeting_count > 0 then 'measured' else 'not_applicable' end as meeting_both_kinds_pct__status,
        case when meetings.unit_due_count > 0 then 'measured' else 'not_applicable' end
            as meeting_unit_attendance_pct__status,
        case when meetings.leader_due_count > 0 then 'measured' else 'not_applicable' end
            as linked_leader_attendance_pct__status,
        case when meetings.meeting_count > 0 then 'measured' else 'not_applicable' end
            as party_leader_meeting_count__status,
        {{ percentage('meetings.both_kinds_count', 'meetings.meeting_count') }} as meeting_both_kinds_pct,
        {{ percentage('meetings.unit_attended_count', 'meetings.unit_due_count') }} as meeting_unit_attendance_pct,
        {{ percentage('meetings.leader_attended_count', 'meetings.leader_due_count') }} as linked_leader_attendance_pct,
        cast(meetings.party_leader_count as decimal(18, 4)) as party_leader_meeting_count
    from roster
    inner join gaps
        on roster.unit_code = gaps.unit_code and roster.period = gaps.period
    left join meetings
        on roster.unit_code = meetings.unit_code and roster.period = meetings.period
)

select * from final
