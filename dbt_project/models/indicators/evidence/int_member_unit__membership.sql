{{ config(materialized='view') }}

with

member_units as (
    select * from {{ ref('fct_member_unit') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

classified as (
    select
        member_units.submission_id,
        member_units.unit_code,
        member_units.period,
        member_units.sheet,
        member_units.row,
        member_units.unit_name,
        coalesce(member_units.is_member, false) as is_member,
        coalesce(member_units.is_local, false) as is_local,
        coalesce(member_units.in_party_plan, false) as is_in_party_plan,
        coalesce(member_units.support_item_count, 0) > 0 as has_support,
        coalesce(member_units.has_league_org, false)
        and coalesce(member_units.league_org_founded_on between periods.starts_on and periods.ends_on, false)
        and modes.value_zh is not null as is_newly_founded
    from member_units
    inner join periods on member_units.period = periods.period
    left join classes as modes
        on
            periods.rulebook_version = modes.rulebook_version
            and modes.class_code = 'joint_founding'
            and member_units.founding_mode = modes.value_zh
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        unit_code as subject_key,
        unit_name,
        is_member,
        is_newly_founded,
        is_member and is_local as is_local_member,
        is_member and is_in_party_plan as is_member_in_party_plan,
        is_member and has_support as is_supported_member
    from classified
)

select * from final
