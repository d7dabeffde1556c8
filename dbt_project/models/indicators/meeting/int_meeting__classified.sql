{{ config(materialized='view') }}

with

meetings as (
    select * from {{ ref('fct_meeting') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

classified as (
    select
        meetings.submission_id,
        meetings.unit_code,
        meetings.period,
        meetings.sheet,
        meetings.row,
        meetings.held_on,
        coalesce(meetings.unit_due_count, 0) as unit_due_count,
        coalesce(meetings.unit_present_count, 0) as unit_present_count,
        coalesce(meetings.youth_org_present_count, 0) as youth_org_present_count,
        coalesce(meetings.leader_due_count, 0) as leader_due_count,
        coalesce(meetings.leader_present_count, 0) as leader_present_count,
        coalesce(meetings.party_leader_present, false) as party_leader_present,
        joint_meeting.value_zh is not null as is_joint
    from meetings
    inner join periods on meetings.period = periods.period
    left join classes as joint_meeting
        on
            periods.rulebook_version = joint_meeting.rulebook_version
            and joint_meeting.class_code = 'joint_meeting'
            and meetings.meeting_kind = joint_meeting.value_zh
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        unit_code as subject_key,
        held_on,
        unit_due_count,
        leader_due_count,
        is_joint,
        -- More than were due do not make up for another meeting.
        least(unit_present_count, unit_due_count) as unit_attended_count,
        least(leader_present_count, leader_due_count) as leader_attended_count,
        is_joint and unit_present_count > 0 and youth_org_present_count > 0 as is_of_both_kinds,
        is_joint and unit_due_count > 0 as is_unit_due,
        is_joint and leader_due_count > 0 as is_leader_due,
        is_joint and leader_present_count < leader_due_count as is_leader_absent,
        is_joint and party_leader_present as is_with_party_leader
    from classified
)

select * from final
