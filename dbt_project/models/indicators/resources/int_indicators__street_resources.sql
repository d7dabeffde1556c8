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

documents as (
    select
        unit_code,
        period,
        count(distinct document_kind) as linkage_field_count
    from {{ ref('int_document__on_resources') }}
    where is_party_linkage and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

projects as (
    select
        unit_code,
        period,
        sum(case when is_project_based then 1 else 0 end) as project_based_count,
        sum(case when is_market_based then 1 else 0 end) as market_based_count,
        sum(case when is_socially_funded then social_funds_cny else 0 end) as social_funds_cny
    from {{ ref('int_project__by_mode') }}
    where {{ changed_periods_filter('period') }}
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
        cast(coalesce(documents.linkage_field_count, 0) as decimal(18, 4)) as party_linkage_field_count,
        cast(coalesce(projects.project_based_count, 0) as decimal(18, 4)) as project_based_project_count,
        cast(coalesce(projects.market_based_count, 0) as decimal(18, 4)) as market_based_project_count,
        {{ as_value('coalesce(projects.social_funds_cny, 0)') }} as project_social_funds_cny
    from roster
    left join documents
        on roster.unit_code = documents.unit_code and roster.period = documents.period
    left join projects
        on roster.unit_code = projects.unit_code and roster.period = projects.period
)

select * from final
