{{ config(materialized='view') }}

with

members as (
    select * from {{ ref('fct_member_unit') }}
    where is_member
),

periods as (
    select * from {{ ref('dim_period') }}
),

final as (
    select
        members.submission_id,
        members.unit_code,
        members.period,
        members.sheet,
        members.row,
        members.unit_code as subject_key,
        members.member_unit_key,
        members.unit_name,
        members.unit_kind,
        members.industry,
        members.affiliation_level,
        true as is_member,
        coalesce(members.last_contact_on between periods.starts_on and periods.ends_on, false) as is_contacted,
        coalesce(members.in_own_plan, false) as is_planned,
        coalesce(members.opens_activities, false) as opens_activities,
        coalesce(members.extends_projects, false) as extends_projects,
        coalesce(members.shares_venue, false) as shares_venue,
        coalesce(members.extends_expertise, false) as extends_expertise
    from members
    inner join periods on members.period = periods.period
)

select * from final
