with communities as (

    select * from {{ ref('stg_reference__community') }}

),

final as (

    select
        community_code,
        community_name,
        unit_code,
        community_kind
    from communities

)

select * from final
