{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

keyed as (
    select * from {{ ref('int_claim__keyed') }}
    where {{ changed_periods_filter('period') }}
),

final as (
    select
        period,
        unit_code,
        thing_kind,
        thing_key,
        min(name_key) as name_key,
        min(key_basis) as key_basis,
        min(thing_name) as thing_name,
        min(uscc) as uscc,
        min(submission_id) as submission_id,
        min(row) as first_row,
        min_by(coalesce(person_key, thing_name), row) as first_name,
        min(district_code) as district_code,
        min(city_code) as city_code,
        min(province_code) as province_code
    from keyed
    group by period, unit_code, thing_kind, thing_key
)

select * from final
