{{ config(materialized='view') }}

with

linked_streets as (
    select * from {{ ref('int_leader__linked_streets') }}
),

visits as (
    select * from {{ ref('fct_field_visit') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

final as (
    select
        visits.submission_id,
        visits.unit_code,
        visits.period,
        visits.sheet,
        visits.row,
        linked_streets.leader_key as subject_key,
        visits.street_code,
        visits.held_on,
        concat(linked_streets.leader_key, '/', visits.street_code) as street_subject_key,
        joint_meeting.value_zh is not null as is_meeting_attended,
        guidance.value_zh is not null as is_guidance
    from visits
    -- Only what a leader does in the streets linked to them counts.
    inner join linked_streets
        on
            visits.unit_code = linked_streets.unit_code
            and visits.period = linked_streets.period
            and visits.person_key = linked_streets.person_key
            and visits.street_code = linked_streets.street_code
    inner join periods on visits.period = periods.period
    left join classes as joint_meeting
        on
            periods.rulebook_version = joint_meeting.rulebook_version
            and joint_meeting.class_code = 'visit_joint_meeting'
            and visits.visit_kind = joint_meeting.value_zh
    left join classes as guidance
        on
            periods.rulebook_version = guidance.rulebook_version
            and guidance.class_code = 'visit_guidance'
            and visits.visit_kind = guidance.value_zh
)

select * from final
