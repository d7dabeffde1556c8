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
        member_units.unit_code as subject_key,
        member_units.unit_name,
        eligible_kind.value_zh is not null and coalesce(member_units.is_local, false) as is_eligible,
        coalesce(member_units.is_member, false) as is_member
    from member_units
    inner join periods on member_units.period = periods.period
    left join classes as eligible_kind
        on
            periods.rulebook_version = eligible_kind.rulebook_version
            and eligible_kind.class_code = 'eligible_unit'
            and member_units.unit_kind = eligible_kind.value_zh
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
        is_eligible,
        is_eligible and is_member as is_eligible_member
    from classified
)

select * from final
