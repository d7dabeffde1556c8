{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

findings as (
    select
        issue_code,
        submission_id,
        unit_code,
        period,
        entity,
        field,
        row,
        raw_value,
        expected,
        other_count,
        told_key
    from {{ ref('int_finding__listed_elsewhere') }}
    where {{ changed_periods_filter('period') }}
    union all
    select
        issue_code,
        submission_id,
        unit_code,
        period,
        entity,
        field,
        row,
        raw_value,
        expected,
        other_count,
        told_key
    from {{ ref('int_finding__value_outlying') }}
    where {{ changed_periods_filter('period') }}
),

field_map as (
    select * from {{ ref('stg_lake__field_map') }}
    where {{ changed_periods_filter('period') }}
),

form_fields as (
    select * from {{ ref('stg_reference__street_field') }}
),

kinds as (
    select * from {{ ref('stg_reference__issue_kind') }}
),

located as (
    select
        findings.*,
        field_map.form,
        field_map.sheet,
        form_fields.header_zh as header,
        coalesce(field_map.cell, concat(field_map.column_letter, cast(findings.row as string))) as cell
    from findings
    inner join field_map
        on
            findings.submission_id = field_map.submission_id
            and findings.entity = field_map.entity
            and findings.field = field_map.field
    inner join form_fields
        on
            findings.entity = form_fields.entity
            and findings.field = form_fields.field
),

final as (
    select
        located.submission_id,
        located.unit_code,
        located.period,
        located.form,
        located.sheet,
        located.cell,
        located.header,
        located.raw_value,
        located.issue_code,
        kinds.severity,
        {{ filled_text('kinds.message_zh', 'located') }} as message,
        {{ filled_text('kinds.remedy_zh', 'located') }} as remedy,
        {{ text_hash(
            "concat_ws('|', located.unit_code, located.period, located.form, located.issue_code, located.entity, "
            ~ "located.field, located.told_key)"
        ) }} as finding_key,
        located.period < coalesce(kinds.active_from, located.period) as is_shadow
    from located
    inner join kinds on located.issue_code = kinds.issue_code
)

select * from final
