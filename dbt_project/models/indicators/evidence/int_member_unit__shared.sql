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

-- A pair names its unit; names are landed normalised and the check refuses a name that the list of units lacks.
pairs as (
    select distinct
        unit_code,
        period,
        unit_name
    from {{ ref('int_pairing__live') }}
    where is_paired
),

sorted as (
    select
        member_units.submission_id,
        member_units.unit_code,
        member_units.period,
        member_units.sheet,
        member_units.row,
        member_units.unit_code as subject_key,
        member_units.unit_name,
        coalesce(member_units.is_member, false) as is_member,
        coalesce(member_units.has_venue, false) as has_venue,
        coalesce(member_units.shares_venue, false) as shares_venue,
        coalesce(member_units.extends_projects, false) as extends_projects,
        coalesce(member_units.extends_expertise, false) as extends_expertise,
        coalesce(member_units.is_local, false) and honour.value_zh is not null as is_due_to_pair,
        pairs.unit_name is not null as is_in_pair
    from member_units
    inner join periods on member_units.period = periods.period
    left join pairs
        on
            member_units.unit_code = pairs.unit_code
            and member_units.period = pairs.period
            and member_units.unit_name = pairs.unit_name
    left join classes as honour
        on
            periods.rulebook_version = honour.rulebook_version
            and honour.class_code = 'honoured_unit'
            and member_units.honour_kind = honour.value_zh
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        subject_key,
        unit_name,
        is_member,
        is_due_to_pair,
        is_member and has_venue as is_member_with_venue,
        is_member and has_venue and shares_venue as is_sharing_member,
        is_member and (shares_venue or extends_projects or extends_expertise) as is_extending_member,
        is_due_to_pair and is_in_pair as is_paired
    from sorted
)

select * from final
