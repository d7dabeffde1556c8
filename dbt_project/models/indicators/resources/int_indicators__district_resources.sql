{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level = 'district'
        and is_reported
        and {{ changed_periods_filter('period') }}
),

documents as (
    select
        unit_code,
        period,
        count(*) as mechanism_count
    from {{ ref('int_document__on_resources') }}
    where is_resource_mechanism and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

by_street as (
    select
        unit_code,
        period,
        street_code,
        {{ wide_ratio(whole_cents('coalesce(sum(amount_cny), 0)'), '100 * max(youth_count)') }} as funds_per_youth_cny
    from {{ ref('int_funding__per_youth') }}
    where youth_count > 0 and {{ changed_periods_filter('period') }}
    group by unit_code, period, street_code
),

spread as (
    select
        unit_code,
        period,
        max(funds_per_youth_cny) - min(funds_per_youth_cny) as spread_cny
    from by_street
    group by unit_code, period
    having count(*) > 1
),

final as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_code as subject_key,
        roster.unit_name as subject_name,
        'measured' as status,
        cast(coalesce(documents.mechanism_count, 0) as decimal(18, 4)) as resource_mechanism_document_count,
        cast(spread.spread_cny as decimal(18, 4)) as funds_per_youth_spread_cny,
        -- Between fewer than two streets there is no spread.
        case when spread.spread_cny is null then 'not_applicable' else 'measured' end
            as funds_per_youth_spread_cny__status
    from roster
    left join documents
        on roster.unit_code = documents.unit_code and roster.period = documents.period
    left join spread
        on roster.unit_code = spread.unit_code and roster.period = spread.period
)

select * from final
