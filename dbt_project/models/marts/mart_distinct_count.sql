with

listed as (
    select * from {{ ref('int_claim__listed') }}
),

claims as (
    select * from {{ ref('int_claim__claimed') }}
),

units as (
    select * from {{ ref('int_unit__last_known') }}
),

-- what was decided to be different things is counted for each street, everything else once
counted as (
    select
        listed.period,
        listed.unit_code,
        listed.thing_kind,
        listed.district_code,
        listed.city_code,
        listed.province_code,
        case
            when claims.decision = 'separate' then concat(listed.thing_key, '|', listed.unit_code)
            else listed.thing_key
        end as count_key
    from listed
    left join claims
        on
            listed.thing_kind = claims.thing_kind
            and listed.thing_key = claims.thing_key
),

scoped as (
    {% for scope in ['district', 'city', 'province'] %}
    select
        period,
        thing_kind,
        {{ scope }}_code as scope_code,
        '{{ scope }}' as scope_level,
        count_key
    from counted
    where {{ scope }}_code is not null
    union all
    {% endfor %}
    select
        period,
        thing_kind,
        'CN' as scope_code,
        'country' as scope_level,
        count_key
    from counted
),

summed as (
    select
        scope_code,
        scope_level,
        period,
        thing_kind,
        cast(count(*) as integer) as listed_count,
        cast(count(distinct count_key) as integer) as distinct_count
    from scoped
    group by scope_code, scope_level, period, thing_kind
),

final as (
    select
        summed.scope_code,
        units.unit_name as scope_name,
        summed.scope_level,
        summed.period,
        summed.thing_kind,
        summed.listed_count,
        summed.distinct_count,
        units.district_code,
        units.district_name,
        units.city_code,
        units.city_name,
        units.province_code,
        units.province_name,
        summed.listed_count - summed.distinct_count as double_count
    from summed
    left join units on summed.scope_code = units.unit_code
)

select * from final
