with

registry as (
    select * from {{ ref('indicators') }}
),

implemented as (
    {{ implemented_indicators(indicator_models()) }}
),

not_implemented as (
    select
        registry.source_model,
        registry.indicator_code,
        'registered but not implemented' as gap
    from registry
    left join implemented
        on
            registry.indicator_code = implemented.indicator_code
            and registry.source_model = implemented.source_model
    where implemented.indicator_code is null
),

not_registered as (
    select
        implemented.source_model,
        implemented.indicator_code,
        'implemented but not registered' as gap
    from implemented
    left join registry
        on
            implemented.indicator_code = registry.indicator_code
            and implemented.source_model = registry.source_model
    where registry.indicator_code is null
),

final as (
    select * from not_implemented
    union all
    select * from not_registered
)

select * from final
