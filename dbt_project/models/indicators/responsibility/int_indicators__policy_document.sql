{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level in ('province', 'city')
        and is_reported
        and {{ changed_periods_filter('period') }}
),

documents as (
    select
        unit_code,
        period,
        count(*) as document_count
    from {{ ref('int_committee_document__classified') }}
    where is_policy_in_force and {{ changed_periods_filter('period') }}
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
        cast(coalesce(documents.document_count, 0) as decimal(18, 4)) as province_policy_document_count,
        cast(coalesce(documents.document_count, 0) as decimal(18, 4)) as city_policy_document_count
    from roster
    left join documents
        on roster.unit_code = documents.unit_code and roster.period = documents.period
)

select * from final
